"""Tables that people open in a spreadsheet program, change and send back: written typed, read with the address of each cell."""
