"""Single sign-on: what a provider's word opens, and each way in which it must open nothing."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.identity.account import MOST_FAILURES, Act
from jikimi.identity.roles import RIGHTS, Role
from jikimi.runtime.settings import SettingsError, SsoSettings, load
from jikimi.runtime.sso import Vouching
from tests.apps.test_signing import CODE, OTHER, Desk, jumping, signed
from tests.disclosure.cases import NOW_MS
from tests.identity.provider import CLIENT, ISSUER, SECRET, IdentityProvider

SUB = "248289761001"


class SsoDesk(Desk):
    def __init__(self, folder):
        self.provider = IdentityProvider(self._now_ms)
        settings = SsoSettings(issuer=ISSUER, client_id=CLIENT, client_secret=SECRET, name="the ministry's account")
        super().__init__(folder, sso=Vouching(settings, self.provider.client()))

    def _now_ms(self):
        return self.watch.now_ms()

    async def begin(self, browser, **asked):
        answer = await browser.post("/api/sso/begin", asked)
        assert answer.status == 200, answer.body
        browser.state = answer.headers["set-cookie"].split(";")[0]
        assert "SameSite=Strict" in answer.headers["set-cookie"]
        return answer.json["url"]

    async def end(self, browser, back, state=None):
        cookies = [state if state is not None else browser.state]
        if browser.token is not None:
            cookies.append(f"__Host-jikimi-desk={browser.token}")
        answer = await browser.post("/api/sso", back, headers={"cookie": "; ".join(cookies)})
        signed(browser, answer)
        return answer

    async def whole(self, browser=None, subject=SUB, **asked):
        browser = browser or self.browser()
        back = self.provider.consent(await self.begin(browser, **asked), subject)
        return browser, await self.end(browser, back)


async def tied(desk, name="anna", code=CODE, subject=SUB):
    desk.add(name, code)
    browser, answer = await desk.whole(code=code, subject=subject)
    assert answer.status == 204, answer.body
    return browser


@jumping
async def test_a_code_ties_an_account_to_a_subject_once_and_from_then_on_the_provider_signs_in(tmp_path):
    desk = SsoDesk(tmp_path)
    assert (await desk.browser().get("/api/door")).json["sso"] == "the ministry's account"
    await tied(desk)
    assert [one.act for one in desk.staff.acts()][-1] is Act.TIE
    browser, answer = await desk.whole()
    assert answer.status == 204
    me = (await browser.get("/api/me")).json
    assert (me["name"], me["how"]) == ("anna", "sso")
    assert set(me["rights"]) == {right.value for right in RIGHTS[Role.OPERATOR]}, "the role is ours, whatever the token says"


@jumping
async def test_no_account_is_made_by_a_providers_word_and_a_subject_is_one_accounts(tmp_path):
    desk = SsoDesk(tmp_path)
    before = len(desk.staff.accounts())
    _, answer = await desk.whole(subject="a stranger")
    assert (answer.status, answer.error) == (403, "sso_unknown")
    assert len(desk.staff.accounts()) == before
    await tied(desk)
    desk.add("bert", OTHER)
    _, answer = await desk.whole(code=OTHER)
    assert answer.error == "sso_refused", "anna's subject is not bert's as well"
    assert (await desk.whole(code=OTHER, subject="berts"))[1].status == 204, "and his code was not spent on it"


LIES = {
    "issuer": {"iss": "https://evil.example.org"},
    "audience": {"aud": "another client"},
    "several audiences": {"aud": [CLIENT, "another client"]},
    "another client's": {"aud": [CLIENT, "another client"], "azp": "another client"},
    "run out": {"exp": NOW_MS // 1_000 - 120},
    "of another time": {"iat": NOW_MS // 1_000 - 86_400},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": ""},
    "no subject": {"sub": None},
}


@jumping
async def test_a_token_that_is_not_for_this_sign_in_or_not_signed_by_the_provider_opens_nothing(tmp_path):
    desk = SsoDesk(tmp_path)
    await tied(desk)
    tried = [(lie, claims, "ES256") for lie, claims in LIES.items()] + [(sign, {}, sign) for sign in ("none", "HS256", "another key")]
    for number, (lie, desk.provider.lies, desk.provider.sign) in enumerate(tried):
        browser, answer = await desk.whole(desk.browser(f"198.51.100.{number}"))
        assert (answer.status, answer.error, browser.token) == (403, "sso_refused", None), lie
    desk.provider.lies, desk.provider.sign = {}, "ES256"
    assert (await desk.whole())[1].status == 204


@jumping
async def test_another_browsers_state_a_used_one_and_an_old_one_open_nothing(tmp_path):
    desk = SsoDesk(tmp_path)
    await tied(desk)
    victim, attacker = desk.browser(), desk.browser("198.51.100.1")
    back = desk.provider.consent(await desk.begin(attacker), SUB)
    await desk.begin(victim)
    assert (await desk.end(victim, back)).error == "sso_refused", "signed in as somebody else by a link"
    browser, answer = await desk.whole()
    assert answer.status == 204
    used = desk.provider.consent(await desk.begin(browser), SUB)
    assert (await desk.end(browser, used)).status == 204
    assert (await desk.end(browser, used)).error == "sso_refused"
    late = desk.provider.consent(await desk.begin(browser), SUB)
    await asyncio.sleep(601.0)
    assert (await desk.end(browser, late)).error == "sso_refused"


@jumping
async def test_a_stolen_code_is_worth_nothing_without_the_verifier(tmp_path):
    desk = SsoDesk(tmp_path)
    await tied(desk)
    stolen = desk.provider.consent(await desk.begin(desk.browser()), SUB)
    thief = desk.browser("198.51.100.1")
    own = desk.provider.consent(await desk.begin(thief), "the thief")
    assert (await desk.end(thief, {"code": stolen["code"], "state": own["state"]})).error == "sso_refused"


@jumping
async def test_a_provider_that_changed_its_keys_is_asked_again(tmp_path):
    desk = SsoDesk(tmp_path)
    await tied(desk)
    desk.provider.rotate()
    await asyncio.sleep(60.0)
    assert (await desk.whole())[1].status == 204


@jumping
async def test_a_provider_that_is_away_is_said_to_be_away_and_passkeys_go_on(tmp_path):
    desk = SsoDesk(tmp_path)
    desk.provider.is_down = True
    answer = await desk.browser().post("/api/sso/begin", {})
    assert (answer.status, answer.error) == (503, "sso_down")
    desk.add("anna", CODE)
    assert (await desk.enrol(CODE))[2].status == 204


@jumping
async def test_a_locked_or_disabled_account_signs_in_nowhere(tmp_path):
    desk = SsoDesk(tmp_path)
    await tied(desk)
    for _ in range(MOST_FAILURES):
        desk.staff.failed("anna", now_ms=NOW_MS)
    assert (await desk.whole())[1].error == "account_locked"
    desk.staff.disable("anna", "chief", now_ms=NOW_MS)
    assert (await desk.whole())[1].error == "sso_unknown"


@jumping
async def test_a_locked_screen_is_left_by_proving_oneself_anew_and_the_old_session_ends(tmp_path):
    desk = SsoDesk(tmp_path)
    browser = await tied(desk)
    old = browser.token
    await browser.post("/api/lock")
    url = await desk.begin(browser, again=True)
    assert "prompt=login" in url
    assert (await desk.end(browser, desk.provider.consent(url, SUB))).status == 204
    assert (await browser.get("/api/me")).json["locked"] is False
    assert desk.register.session(old, "desk", NOW_MS) is None
    desk.provider.lies = {"auth_time": NOW_MS // 1_000 - 3_600}
    back = desk.provider.consent(await desk.begin(browser, again=True), SUB)
    assert (await desk.end(browser, back)).error == "sso_refused", "a provider that asked nobody anew"


@jumping
async def test_without_a_provider_nobody_is_asked(tmp_path):
    desk = Desk(tmp_path)
    assert (await desk.browser().get("/api/door")).json["sso"] is None
    assert (await desk.browser().post("/api/sso/begin", {})).status == 404


def test_the_issuer_is_reached_by_tls(tmp_path):
    path = tmp_path / "jikimi.toml"
    words = '[sso]\nissuer = "{}"\nclient_id = "a"\nclient_secret = "b"\n'
    path.write_text(words.format("http://id.example.org"))
    with pytest.raises(SettingsError, match="https"):
        load(path, {})
    path.write_text(words.format(ISSUER))
    assert load(path, {}).sso.name == "single sign-on"
