"""Names for personas: from the catalogue, a language model or a person, with their evidence."""
