"""Makes the small faces of the first page: ASCII and our own punctuation, in the weights that the styles use.

    pip install fonttools==4.68.0 brotli==1.2.1 && python3 subset-fonts.py

To be run in web/ after an update of the @fontsource-variable packages. What else a text has comes from their whole files,
and only then (src/ui/theme/fonts.css).
"""

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

TEXT = "".join(map(chr, range(0x20, 0x7F))) + "\u00a0·×–—‘’“”…"
FACES = {"bricolage-grotesque": (600, 700), "hanken-grotesk": (400, 700)}

for name, weights in FACES.items():
    font = TTFont(f"node_modules/@fontsource-variable/{name}/files/{name}-latin-wght-normal.woff2")
    options = Options(hinting=False, layout_features=["kern", "mark", "liga", "calt", "ccmp", "tnum"])
    subsetter = Subsetter(options)
    subsetter.populate(text=TEXT)
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"wght": weights})
    font.flavor = "woff2"
    font.save(f"src/ui/theme/fonts/{name}-ascii.woff2")
