"""What only this page is: its views, controls, history and styles."""
