"""What an assessment is and does, whoever asks: web, paper, import, demonstration."""
