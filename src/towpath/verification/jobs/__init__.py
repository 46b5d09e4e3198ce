"""Jobs of measurements, run beside the server: programs of the operator's list, or containers by podman or docker."""
