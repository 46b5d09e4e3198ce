"""A complete world on one machine: registry, Git server, Towpath and the example of two environments."""
