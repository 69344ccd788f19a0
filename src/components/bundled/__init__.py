"""The bundled upstream: the services' protocols on loopback, over a generated catalogue."""
