"""The base map: built for the demonstration, installed for a deployment, served from one local file. None from outside."""
