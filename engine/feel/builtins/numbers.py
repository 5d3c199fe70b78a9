# ruff: noqa: ARG001 - every built-in is given the run
"""Numeric functions (DMN 1.3 §10.3.4.5)."""

from __future__ import annotations

import decimal
from datetime import timedelta
from decimal import Decimal, DecimalException

from engine.feel.builtins.registry import builtin
from engine.feel.scope import Run
from engine.feel.values import DECIMAL, Value, YearsMonthsDuration

_SLOW = 10
"""Steps that the slowest functions count as."""
_SCALES = (-6111, 6176)


def rounded(number: Decimal, scale: Decimal, mode: str) -> Decimal | None:
    """A number to a count of decimals; None where the count is not one that decimals have."""
    places = int(scale)
    if not _SCALES[0] <= places <= _SCALES[1]:
        return None
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return number
    context = decimal.Context(prec=7000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    return DECIMAL.plus(number.quantize(Decimal(1).scaleb(-places, context), rounding=mode, context=context))


@builtin("decimal(n: number, scale: number)")
def decimal_(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number)")
def floor(run: Run, n: Decimal, scale: Decimal | None = Decimal(0)) -> Value:
    return None if scale is None else rounded(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number)")
def ceiling(run: Run, n: Decimal, scale: Decimal | None = Decimal(0)) -> Value:
    return None if scale is None else rounded(n, scale, decimal.ROUND_CEILING)


@builtin("round up(n: number, scale: number)")
def round_up(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded(n, scale, decimal.ROUND_UP)


@builtin("round down(n: number, scale: number)")
def round_down(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded(n, scale, decimal.ROUND_DOWN)


@builtin("round half up(n: number, scale: number)")
def round_half_up(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded(n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)")
def round_half_down(run: Run, n: Decimal, scale: Decimal) -> Value:
    return rounded(n, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs(n: number | duration)")
def abs_(run: Run, n: Decimal | timedelta | YearsMonthsDuration) -> Value:
    if isinstance(n, YearsMonthsDuration):
        return YearsMonthsDuration(abs(n.months))
    return abs(n) if isinstance(n, timedelta) else n.copy_abs()


@builtin("modulo(dividend: number, divisor: number)")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Value:
    if not divisor:
        return None
    quotient = DECIMAL.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
    return DECIMAL.subtract(dividend, DECIMAL.multiply(divisor, quotient))


@builtin("sqrt(number: number)")
def sqrt(run: Run, number: Decimal) -> Value:
    return DECIMAL.sqrt(number) if number >= 0 else None


@builtin("log(number: number)")
def log(run: Run, number: Decimal) -> Value:
    run.spend(_SLOW)
    return DECIMAL.ln(number) if number > 0 else None


@builtin("exp(number: number)")
def exp(run: Run, number: Decimal) -> Value:
    run.spend(_SLOW)
    try:
        return DECIMAL.exp(number)
    except DecimalException:
        return None


@builtin("odd(number: number)")
def odd(run: Run, number: Decimal) -> Value:
    return _remainder_of_two(number, 1)


@builtin("even(number: number)")
def even(run: Run, number: Decimal) -> Value:
    return _remainder_of_two(number, 0)


def _remainder_of_two(number: Decimal, remainder: int) -> bool | None:
    return int(number) % 2 == remainder if number == number.to_integral_value() else None


@builtin("number(from: string, grouping separator?: string, decimal separator?: string)")
def number_(run: Run, text: str, grouping: str | None = None, point: str | None = None) -> Value:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping and grouping == point):
        return None
    run.make(len(text))
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if not plain.isascii() or not all(mark in "0123456789+-.eE" for mark in plain):
        return None
    try:
        return DECIMAL.create_decimal(plain)
    except DecimalException:
        return None


@builtin("number(from: number)")
def number_of_number(run: Run, number: Decimal) -> Value:
    return number
