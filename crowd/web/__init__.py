"""What every view and API endpoint needs: guards, JSON errors, paging, forms, templates, charts, headers, assets."""
