"""Shopify's products, with what it says once a product on the line of each variant.

python3 examples/shopify_products.py products_export.csv >products.csv

Orders name variants (`Lineitem sku`), and so do the lines of the result; lines that only add an
image are left out and counted on standard error.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping

OF_THE_PRODUCT = (
    *("Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"),
    *("Image Src", "Status"),
)


def variants(lines: Iterable[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Each line with a SKU, what it does not say of its product taken from the product's first."""
    first: Mapping[str, str] = {}
    for line in lines:
        if line["Handle"] != first.get("Handle"):
            first = line
        if line["Variant SKU"]:
            said = {name: line[name] or first[name] for name in OF_THE_PRODUCT if name in line}
            yield {**line, **said}


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:  # noqa: PTH123
        reader = csv.DictReader(file)
        names = reader.fieldnames or []
        if missing := {"Handle", "Title", "Variant SKU"} - set(names):
            sys.exit(f"{sys.argv[1]} has no column {', '.join(sorted(missing))}.")
        lines = list(reader)
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    written = list(variants(lines))
    writer.writerows(written)
    sys.stderr.write(
        f"{len(lines):,} lines, {len(written):,} variants; left out {len(lines) - len(written):,} "
        "without a SKU\n"
    )


if __name__ == "__main__":
    main()
