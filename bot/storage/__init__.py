"""Where sessions are kept. Nothing above knows how; the use case asks for a small Protocol and gets it from here."""
