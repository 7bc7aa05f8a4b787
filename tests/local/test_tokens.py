from __future__ import annotations

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack
from tautwire.local.tokens import LOCAL_APP_TOKEN, LOCAL_BOT_TOKEN, is_real

#: Put together here, so that no scanner takes this file for a leak.
REAL = [
    "xapp-" + "1-A05BOTQX1-4012345678901-" + "0123456789abcdef" * 4,
    "xoxb-" + "4012345678-5012345678901-" + "AbCdEfGhIjKlMnOpQrStUvWx",
    "xoxp-" + "4012345678-5012345678901-6012345678901-" + "0123456789abcdef" * 2,
    "xoxe." + "xoxb-1-" + "Mi0yLTQwMTIzNDU2Nzg" * 4,
]


@pytest.mark.parametrize("token", [*REAL, f" {REAL[1]}", f"\t{REAL[0]}\n"])
def test_what_looks_real_is_refused(token: str) -> None:
    assert is_real(token)
    with pytest.raises(ConfigurationError) as caught:
        LocalSlack(app_token=token)
    with pytest.raises(ConfigurationError):
        LocalSlack(bot_token=token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("token", [LOCAL_APP_TOKEN, LOCAL_BOT_TOKEN, "xapp-1-A0LOCAL01-test", "xoxb-test", "", "xoxb-"])
def test_made_up_ones_are_not(token: str) -> None:
    assert not is_real(token)
