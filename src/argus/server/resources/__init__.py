"""What the API answers where no view says it already."""
