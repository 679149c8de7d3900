"""Fields that read what people type in France: "8,5" km, "2" evenings, degrees with a comma."""

from typing import Any

from flask_babel import gettext
from wtforms import Field, SelectMultipleField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined] # the stubs are older than the library
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from guinguette.domain.tables import whole_number


class _Typed(Field):
    """A text input whose data is a number or null; what was typed is shown again as it was."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the typed text; leave null where it is empty."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = self.read(typed) if typed else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def read(self, typed: str) -> Any:
        """Return the value of a typed text. Raises ``ValidationError``."""
        raise NotImplementedError

    def show(self, value: Any) -> str:
        """Return the text of a value."""
        return f"{value:g}".replace(".", ",")


class Whole(_Typed):
    """A whole number from ``least`` to ``most``."""

    def __init__(self, *args: Any, least: int = 1, most: int = 1_000_000, **kwargs: Any) -> None:
        super().__init__(*args, **{"render_kw": {"inputmode": "numeric", "autocomplete": "off"}, **kwargs})
        self.least, self.most = least, most

    def read(self, typed: str) -> int:
        """Return the number. Raises ``ValidationError``."""
        number = whole_number(typed)
        if number is None or not self.least <= number <= self.most:
            raise ValidationError(
                gettext("Écrivez un nombre entier de %(least)s à %(most)s.", least=self.least, most=self.most)
            )
        return number

    def show(self, value: int) -> str:
        """Return the digits."""
        return str(value)


class Kilometres(_Typed):
    """A distance typed in kilometres ("8,5"); its data is in metres."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"render_kw": {"inputmode": "decimal", "autocomplete": "off"}, **kwargs})

    def read(self, typed: str) -> int:
        """Return the metres. Raises ``ValidationError``."""
        metres = round(_decimal(typed, gettext("Écrivez une distance en kilomètres, par exemple 8,5.")) * 1000)
        if not 0 < metres <= 10_000_000:  # noqa: PLR2004 a quarter of the way round the Earth
            raise ValidationError(gettext("Écrivez une distance en kilomètres, par exemple 8,5."))
        return metres

    def show(self, value: int) -> str:
        """Return the kilometres."""
        return f"{value / 1000:g}".replace(".", ",")


class Degrees(_Typed):
    """A latitude or longitude in degrees, at most ``most`` on either side of zero."""

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **{"render_kw": {"inputmode": "text", "autocomplete": "off"}, **kwargs})
        self.most = most

    def read(self, typed: str) -> float:
        """Return the degrees. Raises ``ValidationError``."""
        degrees = _decimal(typed, gettext("Écrivez des degrés, par exemple 48,6377."))
        if not abs(degrees) <= self.most:
            raise ValidationError(gettext("Au plus %(most)s degrés.", most=self.most))
        return degrees

    def show(self, value: float) -> str:
        """Return the degrees to the metre."""
        return f"{value:.5f}".rstrip("0").rstrip(".").replace(".", ",")


class Boxes(SelectMultipleField):
    """Checkboxes, any number of them."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def choice(value: int | str, label: str) -> Any:
    """Return a choice of a select, of boxes or of radio buttons."""
    return SelectChoice(value, label)


def optional_id(value: Any) -> int | None:
    """Return the id of a select's choice; null for the empty one."""
    return int(value) if str(value).isdigit() else None


def _decimal(typed: str, sentence: str) -> float:
    try:
        return float(typed.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except ValueError:
        raise ValidationError(sentence) from None
