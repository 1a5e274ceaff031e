"""Makes believable counties: places, school groups, posts from the curriculum, and the people who hold them."""
