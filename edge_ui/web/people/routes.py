"""Addresses of login, PIN, lock, own settings."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.people import handlers

ROUTES: tuple[Route, ...] = (
    Route("/login", handlers.LoginHandler, "login"),
    Route("/logout", handlers.LogoutHandler, "logout"),
    Route("/switch", handlers.SwitchHandler, "switch"),
    Route("/switch/{staff_id}", handlers.SwitchToHandler, "switch_to"),
    Route("/lock", handlers.LockHandler, "lock"),
    Route("/lock/now", handlers.LockNowHandler, "lock_now"),
    Route("/lock/active", handlers.ActiveHandler, "lock_active"),
    Route("/lock/kept", handlers.KeptHandler, "lock_kept"),
    Route("/me", handlers.MeHandler, "me"),
    Route("/me/password", handlers.MePasswordHandler, "me_password"),
    Route("/me/pin", handlers.MePinHandler, "me_pin"),
    Route("/me/language", handlers.MeLanguageHandler, "me_language"),
)
