"""The built-in worked problems, from the document to the number."""
