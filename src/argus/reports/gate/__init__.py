"""The gate's answer in the formats that build servers and code hosts read, one module each."""
