"""What a model's folder tells people of it: `report.html` and `model_card.md`."""
