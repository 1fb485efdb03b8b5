"""The page at /ui, in Debian's Chromium. Run: make test-browser"""
