"""What happens when nobody looks: expiry, retention, what the providers' terms ask for in time."""
