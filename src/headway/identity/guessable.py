"""Passwords that are guessed first: what is left of one when often used words, runs of keys and years are taken out.

Lists of leaked passwords are long because of their variants (``P@ssw0rd2024!!``); taking the parts out covers those with
a short list of our own. Source: NIST SP 800-63B, section 5.1.1.2, on values known to be commonly used.
"""

from __future__ import annotations

import re

ENOUGH = 7
"""Letters and digits that must be left."""

_LOOKALIKES = str.maketrans({"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"})
_WORDS = """
password passwort passw pass pwd secret geheim login logon admin administrator root user test testing demo guest
default changeme change letmein open sesame welcome willkommen hello hallo please bitte access system server computer
internet headway northwind company office master super superman batman dragon monkey tiger shadow sunshine princess
prinzessin football fussball baseball basketball soccer hockey iloveyou ilove love lover lovely liebe schatz angel
baby honey flower summer sommer winter spring autumn herbst january february march april june july august september
october november december monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag
freitag starwars pokemon google facebook linkedin microsoft windows apple samsung android mustang ferrari mercedes
porsche charlie michael jennifer jessica jordan daniel thomas robert andrew joshua matthew ashley nicole hunter ranger
soldier trustno trust god jesus freedom whatever killer pepper cookie cheese banana orange chocolate qwerty qwertz
azerty asdf yxcv zxcv wasd
"""
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
)
_COLUMNS = ("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujm", "q1w2e3r4t5y6")
_WORD = re.compile("|".join(sorted(_WORDS.split(), key=len, reverse=True)))
_YEAR = re.compile(r"(?:19|20)\d\d")
_REPEATED = re.compile(r"(.+?)\1+")


def is_guessable(password: str) -> bool:
    """Tell whether little is left of a password without often used words, runs of keys, years and repetitions.

    >>> is_guessable("P@ssw0rd2024!!"), is_guessable("qwertzuiop12345"), is_guessable("four unrelated words")
    (True, True, False)
    """
    plain = re.sub(r"[\W_]+", "", _YEAR.sub("", _without_runs(password.lower())))
    alike = re.sub(r"[\W_]+", "", _YEAR.sub("", _without_runs(password.lower()).translate(_LOOKALIKES)))
    return min(_left(plain), _left(alike)) < ENOUGH


def _left(text: str) -> int:
    """Count what is left without words, one of each repetition kept."""
    return len(_REPEATED.sub(r"\1", _WORD.sub("", text)))


def _without_runs(text: str) -> str:
    """Take out runs of at least four neighbours, forwards and backwards."""
    for whole in (*_RUNS, *_COLUMNS):
        for run in (whole, whole[::-1]):
            for length in range(len(run), 3, -1):
                for start in range(len(run) - length + 1):
                    text = text.replace(run[start : start + length], "")
    return text
