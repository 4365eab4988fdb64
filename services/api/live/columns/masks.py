"""Which items fulfil a filter."""

import numpy as np

from services.api.live.columns.attributes import AttributeColumns, Column
from services.api.live.columns.categories import ItemCategories
from services.api.problems import WrongFilter
from services.api.schemas.filters.conditions import (
    AttributeCondition,
    Bounds,
    CategoryCondition,
    Condition,
    ItemFilter,
)
from shared.arrays.types import Mask

MOST_NAMES = 20  # of attributes in an error


def filter_mask(
    categories: ItemCategories, attributes: AttributeColumns, item_filter: ItemFilter
) -> Mask:
    """The items that fulfil all its conditions, bool[items]; WrongFilter where one of them is about
    what no item has."""
    mask = np.ones(len(categories), dtype=np.bool_)
    for condition in item_filter.conditions:
        mask &= condition_mask(categories, attributes, condition)
    return mask


def condition_mask(
    categories: ItemCategories, attributes: AttributeColumns, condition: Condition
) -> Mask:
    """The same for one condition."""
    if isinstance(condition, CategoryCondition):
        return _in_categories(categories, condition)
    if condition.name not in attributes.names:
        raise WrongFilter(_no_such(condition, attributes))
    return _with_attribute(attributes.column(condition.name), condition)


def _in_categories(categories: ItemCategories, condition: CategoryCondition) -> Mask:
    mask = np.ones(len(categories), dtype=np.bool_)
    if condition.any is not None:
        mask &= categories.any_of(condition.any)
    for name in condition.all or ():
        mask &= categories.any_of([name])
    if condition.none is not None:
        mask &= ~categories.any_of(condition.none)
    return mask


def _with_attribute(column: Column, condition: AttributeCondition) -> Mask:
    mask = np.ones(len(column.is_present), dtype=np.bool_)
    if condition.is_present is not None:
        mask &= column.is_present == condition.is_present
    if condition.is_in is not None:
        mask &= column.one_of(condition.is_in)
    if condition.not_in is not None:
        mask &= ~column.one_of(condition.not_in)
    if condition.bounds is not None:
        mask &= _within(column, condition, condition.bounds)
    return mask


def _within(column: Column, condition: AttributeCondition, bounds: Bounds) -> Mask:
    values = column.moments if bounds.of_dates else column.numbers
    if not len(values.first) and column.is_present.any():
        what = "dates such as 2024-01-31" if bounds.of_dates else "numbers"
        raise WrongFilter(
            f"filter: {condition.text} asks for a range, and no item's '{condition.name}' holds "
            f"{what}. Compare it with in or not_in."
        )
    between = column.dated if bounds.of_dates else column.between
    return between(bounds.low, bounds.high)


def _no_such(condition: AttributeCondition, attributes: AttributeColumns) -> str:
    names = sorted(attributes.names)
    more = ", …" if len(names) > MOST_NAMES else ""
    known = f"There are: {', '.join(names[:MOST_NAMES])}{more}." if names else "No item has any."
    return f"filter: no item has the attribute '{condition.name}'. {known}"
