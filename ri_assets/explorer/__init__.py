"""The explorer: one HTML file that shows a snapshot, offline and without a server.

Belongs here: what the page holds (`data`, `tweets`), how it is put together (`page`) and what
of it the privacy check reads (`published_texts`). The page's own code is in `js/`, its look in
`page.css`, and the libraries that it carries, each with its licence, in `vendor/`. Does not
belong here: computing personas or figures. The page shows what the run stored.
"""
