"""What users of the library test their apps with."""
