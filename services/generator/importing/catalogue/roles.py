"""What a column of a file of items or users can be, and the names by which it is known."""

import re
from collections.abc import Sequence
from enum import Enum

from services.generator.importing.reading.roles import Kind, Role, plain

ID = "id"
TITLE = "title"
CATEGORIES = "categories"
ACTIVE = "active"
CREATED = "created"
PRICE = "price"
URL = "url"
IMAGE = "image"

SEVERAL = (CATEGORIES, ACTIVE)
"""Roles that several columns can have."""

KEPT_AS_ATTRIBUTES = (PRICE, URL, IMAGE)
"""Roles whose values are attributes, under the role's name."""

# As shops and well-known data sets name them, the likeliest first.
ITEM_ROLES = (
    Role(
        ID,
        Kind.ID,
        (
            *("itemid", "item", "productid", "movieid", "articleid", "contentid", "trackid"),
            *("bookid", "gameid", "videoid", "songid", "parentasin", "asin", "id", "sku"),
            *("variantsku", "productsku", "handle", "isbn", "artikelnummer", "artikelnr"),
            *("artikelid", "produktnummer", "produktid"),
        ),
        ("variantid", "ean", "gtin", "upc", "barcode", "number", "nr", "code", "key", "slug"),
        required=True,
    ),
    Role(
        TITLE,
        Kind.TEXT,
        (
            *("title", "name", "productname", "producttitle", "itemname", "itemtitle"),
            *("movietitle", "booktitle", "headline", "titel", "bezeichnung", "produktname"),
            *("artikelbezeichnung", "artikelname"),
        ),
        ("label", "caption", "displayname", "shortname"),
    ),
    Role(
        CATEGORIES,
        Kind.TEXT,
        (
            *("categories", "category", "genres", "genre", "categoryname", "productcategories"),
            *("productcategory", "producttype", "categorypath", "googleproductcategory"),
            *("department", "kategorien", "kategorie", "warengruppe"),
        ),
        (
            *("subcategory", "maincategory", "tags", "tag", "type", "section", "topic", "topics"),
            *("collection", "collections", "breadcrumb", "breadcrumbs", "taxonomy", "group"),
            *("schlagworte", "produktart"),
        ),
    ),
    Role(
        ACTIVE,
        Kind.NAME,
        (
            *("isactive", "active", "published", "ispublished", "enabled", "isenabled"),
            *("isavailable", "available", "availability", "instock", "isinstock", "stockstatus"),
            *("status", "visible", "isvisible", "aktiv", "verfügbar", "lieferbar"),
        ),
        ("visibility", "stock", "state", "onsale", "deleted", "archived", "lagernd", "bestand"),
    ),
    Role(
        PRICE,
        Kind.NUMBER,
        ("price", "regularprice", "variantprice", "listprice", "unitprice", "preis", "vkpreis"),
        ("saleprice", "amount", "cost", "msrp", "rrp", "compareatprice", "bruttopreis"),
    ),
    Role(
        URL,
        Kind.TEXT,
        ("url", "link", "permalink", "producturl", "itemurl", "pageurl", "onlinestoreurl"),
        ("href", "website", "address"),
    ),
    Role(
        IMAGE,
        Kind.TEXT,
        (
            *("image", "imageurl", "imagelink", "imagesrc", "images", "picture", "pictureurl"),
            *("thumbnail", "thumbnailurl", "cover", "coverurl", "poster", "posterurl", "bild"),
            "bildurl",
        ),
        ("photo", "photos", "img", "imageurls", "variantimage"),
    ),
    Role(
        CREATED,
        Kind.TIME,
        (
            *("createdat", "created", "datecreated", "creationdate", "createddate", "publishedat"),
            *("publishedon", "publicationdate", "dateadded", "addedat", "addedon", "erstelltam"),
            *("angelegtam", "availablefrom"),
        ),
        ("releasedate", "released", "releasedat", "launchdate", "erscheinungsdatum"),
    ),
)

USER_ROLES = (
    Role(
        ID,
        Kind.ID,
        (
            *("userid", "user", "uid", "customerid", "reviewerid", "visitorid", "customer"),
            *("clientid", "memberid", "accountid", "buyerid", "shopperid", "profileid", "id"),
            *("kundennummer", "kundennr", "kundenid", "kunde"),
        ),
        ("number", "nr", "username", "email", "mail", "login", "key"),
        required=True,
    ),
)


class Subject(Enum):
    """What a file describes; `value` is also the kind of its load."""

    ITEMS = "items"
    USERS = "users"

    @property
    def roles(self) -> Sequence[Role]:
        return ITEM_ROLES if self is Subject.ITEMS else USER_ROLES

    @property
    def one(self) -> str:
        return self.value.removesuffix("s")


# What tells who somebody is: as a whole name of a column, or as its last words (`Billing Phone`).
_PERSONAL = (
    *("email", "emailaddress", "mailaddress", "firstname", "lastname", "surname", "fullname"),
    *("username", "nickname", "displayname", "middlename", "maidenname", "givenname"),
    *("familyname", "customername", "contactname", "billingname", "shippingname", "phone"),
    *("phonenumber", "telephone", "tel", "fax", "mobilephone", "mobilenumber", "cellphone"),
    *("address", "address1", "address2", "addressline1", "addressline2", "street"),
    *("streetaddress", "housenumber", "birthday", "birthdate", "dateofbirth", "dob", "password"),
    *("passwordhash", "passwd", "iban", "accountnumber", "cardnumber", "creditcard", "taxid"),
    *("vatid", "vatnumber", "ssn", "socialsecuritynumber", "passport", "ip", "ipaddress"),
    *("latitude", "longitude", "vorname", "nachname", "telefon", "telefonnummer", "strasse"),
    *("straße", "hausnummer", "adresse", "anschrift", "geburtsdatum", "geburtstag", "passwort"),
)
_PERSONAL_AS_A_WHOLE = ("name", "mail", "mobile", "cell", "login", "born", "handy", "mobil")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def is_personal(column: str) -> bool:
    """Whether the column's name says that it tells who somebody is."""
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])", " ", column))
    endings = ("".join(words[start:]) for start in range(len(words)))
    return plain(column) in _PERSONAL_AS_A_WHOLE or any(plain(e) in _PERSONAL for e in endings)


def are_emails(cells: Sequence[str]) -> bool:
    """Whether most of the cells are e-mail addresses."""
    filled = [cell for cell in cells if cell.strip()]
    return sum(_EMAIL.fullmatch(cell.strip()) is not None for cell in filled) > len(filled) / 2
