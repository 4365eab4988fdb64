"""What a column of a file of events can be, and the names by which it is known."""

from collections.abc import Sequence

from services.generator.importing.events.names import guess
from services.generator.importing.reading.roles import Kind, Role
from services.generator.importing.reading.times import are_times
from shared.database.event_types import EVENT_TYPES

_FEW = 50  # different texts of a column that names events


def _are_event_names(cells: Sequence[str]) -> bool:
    names = {cell.strip().lower() for cell in cells}
    return len(names) <= _FEW and all(name in EVENT_TYPES or guess(name) for name in names)


# As people and well-known data sets name them, the likeliest first. What could as well be something
# else (`score` of a search, `created_at` of a row, any number that may be an amount) is only like
# it.
EVENT_ROLES = (
    Role(
        "user",
        Kind.ID,
        (
            *("userid", "user", "uid", "customerid", "reviewerid", "visitorid", "customer"),
            *("clientid", "memberid", "accountid", "buyerid", "shopperid", "profileid"),
        ),
        (
            *("username", "useremail", "email", "mail", "sessionid", "session", "cookieid"),
            *("deviceid", "anonymousid", "visitor", "client", "member", "account", "buyer"),
            *("shopper", "reviewer", "person", "personid", "subscriberid", "who", "kunde"),
            *("kundenid", "kundennr", "kundennummer", "nutzer", "benutzer", "besucher"),
        ),
        required=True,
    ),
    Role(
        "item",
        Kind.ID,
        (
            *("itemid", "item", "movieid", "productid", "parentasin", "asin", "sku", "iid"),
            *("product", "articleid", "contentid", "trackid", "songid", "bookid", "videoid"),
            *("gameid", "isbn"),
        ),
        (
            *("article", "content", "track", "song", "book", "video", "game", "movie", "title"),
            *("animeid", "businessid", "recipeid", "artistid", "newsid", "hotelid", "courseid"),
            *("variantid", "ean", "gtin", "upc", "listingid", "offerid", "what", "artikel"),
            *("artikelid", "artikelnr", "artikelnummer", "produkt", "produktid", "produktnummer"),
        ),
        required=True,
    ),
    Role(
        "rating",
        Kind.NUMBER,
        ("rating", "stars", "overall", "userrating"),
        (
            *("score", "ratings", "star", "grade", "mark", "note", "vote", "points", "rate"),
            *("bewertung", "sterne"),
        ),
    ),
    Role(
        "value",
        Kind.NUMBER,
        ("value",),
        (
            *("quantity", "qty", "amount", "total", "price", "pricepaid", "revenue", "sales"),
            *(
                "hours",
                "minutes",
                "seconds",
                "secondsplayed",
                "duration",
                "playtime",
                "hoursplayed",
            ),
            *("dwelltime", "watchtime", "count", "plays", "playcount", "listens", "times", "units"),
            *("weight", "menge", "anzahl", "betrag", "preis", "summe", "umsatz"),
        ),
    ),
    Role(
        "time",
        Kind.TIME,
        (
            *("occurredat", "timestamp", "time", "datetime", "unixreviewtime", "eventtime", "date"),
            *("ts", "eventdate", "eventtimestamp"),
        ),
        (
            *("createdat", "created", "updatedat", "orderdate", "orderedat", "ordertime"),
            *("purchasedon", "purchasedat", "purchasedate", "viewedat", "ratedat", "reviewtime"),
            *("reviewdate", "addedat", "day", "when", "at", "clientts", "unixtime", "epoch"),
            *("datum", "zeit", "zeitpunkt", "uhrzeit", "zeitstempel", "bestelldatum"),
        ),
        looks_like=are_times,
    ),
    Role(
        "event",
        Kind.NAME,
        ("eventtype", "event", "action", "eventname"),
        (
            *("type", "behavior", "behaviour", "behaviortype", "behaviourtype", "interaction"),
            *("interactiontype", "activity", "activitytype", "actiontype", "verb", "aktion"),
            *("ereignis",),
        ),
        looks_like=_are_event_names,
    ),
)
