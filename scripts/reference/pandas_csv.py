#!/usr/bin/env python3
"""Writes tests/fixtures/pandas_csv.json: CSV texts, and what real pandas makes of them.

    $(scripts/reference/make_env.sh) scripts/reference/pandas_csv.py [OUT]

Each case has a name, the CSV text, and either "error": true (pandas refuses it) or its columns
(name, dtype, values; null where missing) and describe() of the numeric ones. Infinities are the
strings "inf" and "-inf". Left out is what mobireg does otherwise on purpose (see data_frame.h).
"""
import json
import math
import random
import sys
import warnings
from io import BytesIO
from pathlib import Path

import pandas as pd

CELLS = """
1|+1|-1| 1|1 |\t1|1\t|007|0|1.|1.0|.5|-.5|+.5|5.|1e5|1E5|1e+5|1e-5|1.e5|1e|e5|1e5 | 1e5|1_000|0x10
inf|-inf|+inf|INF|Infinity|-infinity|+INFINITY| inf|inf |infin|nan|NaN|-nan|-NaN|+nan|NAN|NA|NA | NA
None|none|null|NULL|<NA>|n/a|N/A|#N/A|#N/A N/A|#NA|1.#IND|-1.#IND|1.#QNAN|-1.#QNAN|1e400|1e-400
-1e-400|5e-324|2e-324|3e-324|4.9e-320|2.2250738585072011e-308|1.7976931348623157e308
1.7976931348623159e308|9223372036854775807|-9223372036854775808| |  |1 2|--1|+-1|+ 1|- 1|1d5|1f
0.1000000000000000055511151231257827021181583404541015625|9007199254740993.0|9007199254740993
1e5.|1.2.3|1e 5|.e5|.|-|+|1e0005|1e99999999999999999999|1e-99999999999999999999|-0.082886 |1,5
0.3|0.1e1|123456789.123456789123456789|179769313486231580793e289|8.41e21|9.5367431640625e-7|x|\x1a
"""

MISSING = ["", "NA", "nan", "null"]

TEXTS = {
    "an int column with a missing cell": "a,b\n1,1\nNA,2\n3,3\n",
    "one cell of text": "a,b\n1,1.5\n2,x\n3,2.5\n",
    "all cells missing": "a,b\nNA,\n,NULL\n",
    "header only": "a,b\n",
    "header only without line end": "a,b",
    "header after blank lines": "\n \n\t\na,b\n1,2\n",
    "zero bytes": "",
    "blank lines only": "\n \n\n",
    "byte order mark only": "\ufeff",
    "byte order mark": "\ufeffa,b\n1,2\n",
    "byte order mark and quotes": '\ufeff"a",b\n1,2\n',
    "CR LF": "a,b\r\n1,2\r\n3,4\r\n",
    "CR": "a,b\r1,2\r3,4\r",
    "CR before an empty cell and before a quote": 'a,b\r,2\r"x",4',
    "line ends mixed": "a,b\n1,2\r\n3,4\r5,6",
    "LF CR": "a,b\n\r1,2\n\r",
    "blank lines between rows": "a,b\r\n1,2\r\n\r\n \r\n3,4",
    "blanks at the end": "a,b\n1,2\n ",
    "blank cells are no blank line": "a,b\n1,2\n , \n3,4\n",
    "quoted empty cell is no blank line": 'a\n1\n""\n2\n',
    "blank line in a one-column file": "a\n1\n\n \n2",
    "no line end after the last row": "a,b\n1,2\n3,",
    "short rows": "a,b,c\n1\n2,3\n4,5,6\n",
    "a row of two empty cells": "a,b\n,\n",
    "quotes": 'a,b\n"x""y","p,q"\n"l\nm",2\n',
    "quotes around CR LF": 'a,b\n1,"\r\n"\n',
    "quotes within a cell": 'a,b\nab"c,"d"e\n',
    "quotes closed and opened again": 'a,b\n"d"e"f,2\n',
    "blank after a quote": 'a,b\n"a" ,2\n',
    "blank before a quote": 'a,b\n "a",2\n',
    "empty quotes before text": 'a,b\n""x,""""\n',
    "quoted numbers": 'a,b\n"1 ","1"\n" 2","NA"\n',
    "quote never closed": 'a,b\n"a,2\n',
    "quote never closed in a long file": 'a,b\n1,2\n3,"4\n5,6\n7,8\n',
    "lone quote within a row": 'a,b\n1,2"\n3,4\n',
    "too many cells": "a,b\n1,2\n3,4,5\n",
    "comma at the end of one row": "a,b\n1,2\n3,4,\n",
    "unnamed columns": ",a,\n1,2,3\n",
    "names with blanks": " a,b \n1,2\n",
    "name with a line end": '"a\nb",c\n1,2\n',
    "names that look missing": "NA,nan,1\n1,2,3\n",
    "semicolons are text": "a;b\n1;2\n",
    "accents": "fichier,vit\u00e9\n\u00e9t\u00e9.png,1\n",
    "spaces after numbers": "filename,pitch\na.jpg,-0.082886 \nb.jpg, 0.5\n",
    "infinities": "a\n1\ninf\n2\n-inf\n",
}


def random_text(rng):
    """A small CSV of numbers, text and missing cells with random quotes and line ends."""
    line_end = rng.choice(["\n", "\n", "\r\n", "\r"])
    columns = rng.randint(1, 4)
    pools = [
        ["0", "7", "-12", " 5", "3 ", "+4"],
        ["0.5", "-1.25e-3", "2.", "7", ".125", " 1.5 ", "6.02e23"],
        ["x.jpg", "", "a b", "1", "1.5", "p,q", 'say "hi"', "two\nlines"],
    ]
    lines = [",".join(f"c{i}" for i in range(columns))]
    kinds = [rng.choice(pools) for _ in range(columns)]
    missing = rng.choice([0, 0, 0.2])
    for _ in range(rng.randint(0, 12)):
        cells = []
        for pool in kinds:
            cell = rng.choice(MISSING if rng.random() < missing else pool)
            if rng.random() < 0.1 or any(c in cell for c in ',"\n'):
                cell = '"' + cell.replace('"', '""') + '"'
            cells.append(cell)
        if rng.random() < 0.1:
            cells = cells[: rng.randint(1, columns)]
        # pandas 1.5.3 goes astray in a file of CR lines where one is blank or begins with a blank.
        lines.append(",".join(cells).lstrip() if line_end == "\r" else ",".join(cells))
        if rng.random() < 0.1 and line_end != "\r":
            lines.append(rng.choice(["", " ", "\t"]))
    return line_end.join(lines) + rng.choice(["", line_end])


def plain(value):
    """A value as JSON can hold it."""
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def reference(text):
    try:
        frame = pd.read_csv(BytesIO(text.encode()), float_precision="round_trip")
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return {"error": True}
    columns = []
    for name, column in frame.items():
        values = [plain(value) for value in column.tolist()]
        columns.append({"name": name, "dtype": str(column.dtype), "values": values})
    describe = {
        name: [plain(value) for value in column.describe().tolist()]
        for name, column in frame.select_dtypes("number").items()
    }
    return {"columns": columns, "describe": describe}


def main():
    default = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "pandas_csv.json"
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    assert pd.__version__ == "1.5.3", f"pandas {pd.__version__}: the reference is 1.5.3"
    warnings.simplefilter("ignore")  # infinities in describe

    texts = dict(TEXTS)
    for cell in CELLS.strip("\n").replace("\n", "|").split("|"):
        texts[f"cell {cell!r}"] = f'a,b\n"{cell}",x\n'
    rng = random.Random(3)
    for i in range(200):
        texts[f"random {i}"] = random_text(rng)

    cases = [{"name": name, "csv": text, **reference(text)} for name, text in texts.items()]
    lines = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
    out.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
