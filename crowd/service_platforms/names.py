"""The stable names of the kind of case and of the register."""

KIND, REGISTER = "service_platform", "service-platforms"
