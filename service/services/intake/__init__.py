"""Ways in: mails that were fetched, requests that were signed, forms of strangers, files of malls."""
