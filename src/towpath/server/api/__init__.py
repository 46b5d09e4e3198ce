"""The REST API under `/v1beta1`: Kargo's own, so that its CLI and scripts work (docs/reference/api.md)."""

from towpath.server.api import (
    analysis,
    api_tokens,
    config_maps,
    configs,
    credentials,
    freight,
    links,
    login,
    projects,
    promotions,
    resources,
    roles,
    stages,
    system,
    targets,
    tasks,
    warehouses,
)

ENDPOINTS = (
    *system.ENDPOINTS,
    *login.ENDPOINTS,
    *resources.ENDPOINTS,
    *projects.ENDPOINTS,
    *configs.ENDPOINTS,
    *stages.ENDPOINTS,
    *warehouses.ENDPOINTS,
    *freight.ENDPOINTS,
    *links.ENDPOINTS,
    *promotions.ENDPOINTS,
    *targets.ENDPOINTS,
    *tasks.ENDPOINTS,
    *analysis.ENDPOINTS,
    *config_maps.ENDPOINTS,
    *credentials.ENDPOINTS,
    *roles.ENDPOINTS,
    *api_tokens.ENDPOINTS,
)
"""Every route of it."""
