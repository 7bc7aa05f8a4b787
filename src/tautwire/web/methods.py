"""Any method by its name. `methods.pyi` beside this file tells editors and type checkers what the names are."""

from tautwire.web.by_name import bind


class WebMethods:
    """Turns an attribute that is not there into the Web API method it names."""

    def __getattr__(self, name: str):
        return bind(self, name)
