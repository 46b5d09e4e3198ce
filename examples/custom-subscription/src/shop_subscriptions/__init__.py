"""Subscription types of the shop: releases that lie as files in a bucket or on a web server."""
