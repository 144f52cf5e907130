"""Products out of files and into them: formats of malls, flat rows, the parts of the catalogue that they feed.

``formats`` knows the delivered formats (data files in ``catalog/formats``), ``flattening`` turns a file of one into
flat rows of the generic format, one row for each SKU; ``shapes`` holds what each kind of file needs besides its data.
The formats stand here and not with the channels' order formats, because the catalogue's own import page reads them and
an app may only know what stands below it.
"""
