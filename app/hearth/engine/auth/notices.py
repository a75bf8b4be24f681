"""Why somebody is at the sign-in form who did not sign out, in a sentence."""

SIGNED_OUT_ELSEWHERE = "You signed out in another tab."
ANOTHER_ACCOUNT = "Somebody signed in with another account in another tab, so you were signed out in this one."
SESSION_OVER = "Your session has ended. Sign in again; nothing is left on this device."
LOCKED = "Your session has ended. Sign in again to go on where you were."
STORAGE_CLEARED = "What Hearth had stored on this device was cleared. Sign in again."
