"""The settings and memories of the demo accounts, app by app: kind, name, value."""

from __future__ import annotations

from typing import Final

Entry = tuple[str, str, str]

APPS: Final[dict[str, tuple[Entry, ...]]] = {
    "Calendar": (
        ("setting", "Week starts on", "Monday"),
        ("setting", "Default reminder", "15 minutes before"),
        ("setting", "Working hours", "09:00 to 17:30, Friday until 15:00"),
        ("memory", "Standing dinner", "Every second Thursday with Noor and Elias, 19:00"),
        ("memory", "School holidays", "Autumn break from 12 to 24 October, no meetings before 10:00 then"),
    ),
    "Mail": (
        ("setting", "Signature", "Kind regards,\nMara"),
        ("setting", "Undo send", "20 seconds"),
        ("setting", "Newsletters", "Collected into one digest on Sunday morning"),
        ("memory", "Tone with the landlord", "Formal, short, always with the flat number 14b"),
        ("memory", "Never answer for me", "Anything from the tax office"),
    ),
    "Maps": (
        ("setting", "Units", "Kilometres"),
        ("setting", "Preferred way to travel", "Bicycle under 8 km, train beyond that"),
        ("memory", "Home", "Lindenallee 14b, behind the bakery"),
        ("memory", "Avoid", "The bridge by the mill when it has frozen: it is not gritted"),
    ),
    "Music": (
        ("setting", "Streaming quality", "High on Wi-Fi, normal elsewhere"),
        ("setting", "Crossfade", "4 seconds"),
        ("memory", "For concentrating", "Piano without voices, 70 to 90 beats per minute"),
        ("memory", "Father's favourite", "Bill Evans, «You Must Believe in Spring»"),
    ),
    "Health": (
        ("setting", "Step goal", "8,500 a day"),
        ("setting", "Share with", "Nobody"),
        ("memory", "Allergy", "Penicillin; hazelnuts only raw"),
        ("memory", "Physiotherapy", "Left shoulder, the band exercises on Tuesday and Saturday"),
        ("memory", "Sleep", "Best with the window open and no screen after 22:00"),
    ),
    "Shopping": (
        ("setting", "Currency", "Euro"),
        ("setting", "Substitutions", "Ask first"),
        ("memory", "Coffee", "Light roast from the small roastery, whole beans, 500 g"),
        ("memory", "Sizes", "Shoes 39, rain jacket M"),
        ("memory", "Do not buy again", "The blue dishwasher tablets: they leave a film"),
    ),
    "Travel": (
        ("setting", "Seat", "Window, in the quiet carriage"),
        ("setting", "Home station", "Südbahnhof"),
        ("memory", "Passport", "Valid until 14 March 2031"),
        ("memory", "Frequent trip", "To Mum in Graz, the 08:12, back on the 17:40"),
        ("memory", "Packing", "The kettle in the hut is broken: bring the small stove ☕"),
    ),
    "Notes": (
        ("setting", "Default folder", "Inbox"),
        ("setting", "Sort by", "Last edited"),
        ("memory", "How I like summaries", "Three bullets, then one open question"),
        ("memory", "Book list", "The Dispossessed; Braiding Sweetgrass; 百年の孤独"),
    ),
    "Weather": (
        ("setting", "Temperature", "Celsius"),
        ("setting", "Warnings", "Storm and frost only"),
        ("memory", "Greenhouse", "Bring the lemon tree in when it drops below 4 °C"),
    ),
    "Home": (
        ("setting", "Night temperature", "17 °C from 22:30 to 06:00"),
        ("setting", "Guest network", "On for visits, off again after 24 hours"),
        ("memory", "Plants", "The fern on Sundays, the succulents once a month 🌿"),
    ),
    "Languages": (
        ("setting", "Interface", "English"),
        ("memory", "Learning", "العربية: twenty minutes a day, at present numbers and the market"),
        ("memory", "With Grandmother", "עברית פשוטה, short sentences, large letters"),
    ),
}
