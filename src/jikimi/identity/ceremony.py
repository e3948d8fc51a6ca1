"""The two ceremonies of passkeys round the library: make one, and prove one. ``identity/passkeys.py`` says how an app uses them.

A module of its own, since the library takes longer to import than a command at the command line to run.
"""

from __future__ import annotations

from collections.abc import Collection

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from jikimi.identity.passkeys import CHALLENGE_S, Asked, Passkey, PasskeyError, Site, check_count, raw, read


def enrol_options(site: Site, asked: Asked, label: str, known: Collection[Passkey]) -> str:
    """Return, as JSON, what the page gives to ``navigator.credentials.create``.

    Args:
        site: the app.
        asked: the challenge.
        label: under what name the authenticator shows the passkey to its owner; stays on the device.
        known: the passkeys the subject has: the same authenticator makes no second one.
    """
    assert asked.handle is not None
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_name=label,
        user_id=asked.handle,
        challenge=asked.challenge,
        timeout=int(CHALLENGE_S * 1_000),
        # No attestation: it would tell which make of key somebody owns, and decide nothing here.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json(options)


def sign_in_options(site: Site, asked: Asked, known: Collection[Passkey] = ()) -> str:
    """Return, as JSON, what the page gives to ``navigator.credentials.get``; no ``known``: any passkey of this site may answer.

    Naming somebody's passkeys to whoever asks would tell who has an account: only a session that stands is told its own.
    """
    options = generate_authentication_options(
        rp_id=site.rp_id,
        challenge=asked.challenge,
        timeout=int(CHALLENGE_S * 1_000),
        allow_credentials=_described(known) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def enrolled(site: Site, asked: Asked, answer: bytes, now_ms: int) -> Passkey:
    """Return the passkey that was made in answer to a challenge taken for it.

    Raises:
        PasskeyError: it was made for another site, without its owner, or is broken.
    """
    assert asked.subject is not None
    assert asked.handle is not None
    try:
        found = verify_registration_response(
            credential=answer.decode(),
            expected_challenge=asked.challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise PasskeyError(str(error)) from error
    return Passkey(
        credential_id=found.credential_id,
        kind=asked.kind,
        subject=asked.subject,
        handle=asked.handle,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        made_ms=now_ms,
    )


def proved(site: Site, asked: Asked, answer: bytes, passkey: Passkey) -> int:
    """Return the authenticator's new counter where an answer proves a passkey.

    Raises:
        ClonedError: it does, and the counter stands still or runs backwards.
        PasskeyError: it proves nothing here.
    """
    if passkey.kind is not asked.kind or (asked.subject is not None and asked.subject != passkey.subject):
        raise PasskeyError("The passkey is somebody else's.")
    claimed = read(answer).response.user_handle
    if claimed is not None and raw(claimed) != passkey.handle:
        raise PasskeyError("The passkey names somebody else.")
    try:
        found = verify_authentication_response(
            credential=answer.decode(),
            expected_challenge=asked.challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            # The counter is judged below, after the signature: only then does a step back say anything.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise PasskeyError(str(error)) from error
    check_count(passkey.sign_count, found.new_sign_count)
    return found.new_sign_count


def _described(known: Collection[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one.credential_id) for one in known]
