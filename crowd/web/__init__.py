"""What every door of the web needs: guards, JSON errors, paging, forms, templates, charts, headers, assets."""
