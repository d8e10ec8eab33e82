"""The doors people come in by: each view translates a request, makes one call, and translates what comes back."""
