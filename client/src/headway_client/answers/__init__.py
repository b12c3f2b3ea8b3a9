"""What the API answers, one class a kind of object; fields follow the API reference."""
