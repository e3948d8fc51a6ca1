"""Who sits at the command line, as the operating system knows it."""

from __future__ import annotations

import os
import pwd

import pytest

from jikimi.runtime.shell import NOT_SET, os_account

ME = pwd.getpwuid(os.geteuid()).pw_name
OTHER = next(entry for entry in pwd.getpwall() if entry.pw_name != ME)


def said(tmp_path, text):
    (tmp_path / "loginuid").write_text(text)
    return os_account(tmp_path / "loginuid")


def test_who_logged_in_is_named_beside_the_account_that_he_became(tmp_path):
    assert said(tmp_path, str(OTHER.pw_uid)) == f"{ME}, logged in as {OTHER.pw_name}"
    assert said(tmp_path, "987654") == f"{ME}, logged in as account number 987654"


@pytest.mark.parametrize("text", [str(NOT_SET), str(os.geteuid()), "", "x"])
def test_where_nobody_else_logged_in_there_is_one_name(tmp_path, text):
    assert said(tmp_path, text) == ME


def test_a_kernel_that_keeps_no_login_is_no_fault(tmp_path):
    assert os_account(tmp_path / "missing") == ME
