"""Every kind and rule of the API, as types; and what is made from them: schemas, CRDs, validation."""
