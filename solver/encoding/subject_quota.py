"""Twin of ``rotation.rules.subject_quota``: a rotation quota whose cells know the subject."""

from solver.encoding.rotation_quota import encode

__all__ = ["encode"]
