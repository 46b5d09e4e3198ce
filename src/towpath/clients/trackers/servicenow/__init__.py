"""ServiceNow: records by the Table API, changes by the Change Management API."""
