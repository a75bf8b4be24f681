"""What earlier builds have left on devices, recorded; `python -m e2e.devices.record` records today's."""
