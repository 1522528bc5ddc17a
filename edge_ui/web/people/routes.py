"""Addresses of login, PIN, lock, own settings."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.people import codes, confirm, first, lock, login, me

ROUTES: tuple[Route, ...] = (
    Route("/login", login.LoginHandler, "login"),
    Route("/login/code", login.CodeHandler, "login_code"),
    Route("/logout", login.LogoutHandler, "logout"),
    Route("/switch", login.SwitchHandler, "switch"),
    Route("/switch/{staff_id}", login.SwitchToHandler, "switch_to"),
    Route("/lock", lock.LockHandler, "lock"),
    Route("/lock/now", lock.LockNowHandler, "lock_now"),
    Route("/lock/active", lock.ActiveHandler, "lock_active"),
    Route("/lock/kept", lock.KeptHandler, "lock_kept"),
    Route("/confirm", confirm.ConfirmHandler, "confirm"),
    Route("/me", me.MeHandler, "me"),
    Route("/me/first-password", first.FirstPasswordHandler, "me_first_password"),
    Route("/me/password", me.MePasswordHandler, "me_password"),
    Route("/me/codes", codes.CodesHandler, "me_codes"),
    Route("/me/pin", me.MePinHandler, "me_pin"),
    Route("/me/mail", me.MeMailHandler, "me_mail"),
    Route("/me/mail/again", me.MeMailAgainHandler, "me_mail_again"),
    Route("/me/mail/confirm", me.MeMailConfirmHandler, "me_mail_confirm"),
    Route("/me/language", me.MeLanguageHandler, "me_language"),
)
