"""The sections of the page, a file each; `reports.page.section.all_sections` finds them."""
