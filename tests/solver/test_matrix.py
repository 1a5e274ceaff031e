"""The matrix is narrow only where that changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from solver import matrix
from solver.matrix import Entries, assembled, blocks, narrowest, reduced_costs


def built(row: list[int], column: list[int], value: list[float], options: int) -> sparse.csc_array:
    """Three rows, five columns; one teacher with all the ``options``."""
    entries = Entries(np.array(row, dtype=np.int32), np.array(column, dtype=np.int32), np.array(value))
    return assembled([entries], np.ones(3, dtype=bool), 5, np.array([0, options]), lambda: False)


@pytest.mark.parametrize(
    ("largest", "kind"),
    [(127, np.int8), (-127, np.int8), (-128, np.int16), (32_768, np.int32), (2.0**31, np.float64), (0.5, np.float64)],
)
def test_the_narrowest_type_holds_a_number_and_its_negative(largest: float, kind: type) -> None:
    assert narrowest([np.array([1, -1], dtype=np.int8), np.array([largest])]) is kind


@pytest.mark.parametrize("options", [0, 3, 5])
def test_coefficients_given_twice_are_added_up_though_the_sum_is_wider(options: int) -> None:
    found = built([0, 0, 1, 0], [2, 2, 2, 4], [100.0, 100.0, 1.0, -1.0], options)
    assert found.dtype == np.int16
    assert found.toarray()[:, 2].tolist() == [200, 1, 0] and found.nnz == 3


@given(st.data(), st.integers(1, 4))
def test_prices_are_those_of_the_whole(data: st.DataObject, size: int) -> None:
    """Block by block, in bytes or not: the last digit too."""
    rows, columns = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 9))
    dice = np.random.default_rng(data.draw(st.integers(0, 99)))
    whole = sparse.csc_array(dice.integers(-2, 3, (rows, columns)).astype(np.float64))
    cost, y = dice.integers(-9, 9, columns).astype(np.int8), dice.normal(size=rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrix, "COLUMNS", size)
        for one in (whole, whole.astype(np.int8)):
            assert np.array_equal(reduced_costs(one, cost, y), cost - whole.T @ y)
            assert all(part.dtype == np.float64 for _, part in blocks(one))
